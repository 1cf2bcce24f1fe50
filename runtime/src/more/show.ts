import { core } from '../core.ts';

/** The third file, by its name with a hash; the build knows it. */
declare const BOX: string;

let file: Promise<unknown> | undefined;

/** Shows what there is to show, and tells the console what is wrong (`code`). Nothing comes of it where the file cannot be loaded. */
export const show = async (code?: string | number): Promise<void> => {
  try {
    await (file ||= new Promise((done) => core.addScript_(new URL(BOX, import.meta.url), core.options_.nonce, done)));
    core.render_!(code);
  } catch {
    if (!core.render_) file = undefined;
  }
};
