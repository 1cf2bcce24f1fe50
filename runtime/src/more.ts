import { chat } from './chat.ts';
import { addScript } from './script.ts';

/** What the second file can do: its functions' places in a list. */
export const enum Do {
  Show,
  Judge,
  Object,
  Expired,
  Follow,
  Leave,
}

/** The second file, by its name with a hash; the build knows it. */
declare const MORE: string;

let file: unknown;

/** How long the second file may take, and how soon it is asked for again. */
const PATIENCE = 1e4;

/** Has the second file do what few pages need. Nothing comes of it where that cannot be loaded. */
export const more = async (what: Do, one?: any, two?: any): Promise<any> => {
  try {
    // An element may load it where `import()` may not: under 'strict-dynamic', with a hash for the first file.
    await (file ||= new Promise((done) => {
      setTimeout(() => done((file = chat.more_)), PATIENCE);
      addScript(new URL(MORE, import.meta.url), chat.options_.nonce, done);
    }));
    return await chat.more_![what]!(one, two);
  } catch {
    // It is not there, or what it was to do cannot be done.
  }
};
