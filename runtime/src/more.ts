import { chat } from './chat.ts';
import { addScript } from './script.ts';
import type { functions } from './more/main.ts';

type More = typeof functions;

/** The second file, by its name with a hash; the build knows it. */
declare const MORE: string;

let file: Promise<unknown> | undefined;

/** Where the second file puts its functions. */
export const shelf: { more_?: More } = {};

/** Has the second file do what few pages need. Nothing comes of it where that cannot be loaded. */
export const more = async (name: keyof More, value?: any): Promise<any> => {
  try {
    // An element may load it where `import()` may not: under 'strict-dynamic', with a hash for the first file.
    await (file ||= new Promise((done, fail) => addScript(new URL(MORE, import.meta.url).href, chat.options_.nonce, done, fail)));
    return await shelf.more_![name](chat, value);
  } catch {
    if (!shelf.more_) file = undefined;
  }
};
