import type { Options, Texts } from './types.ts';

/** Options with every default in place, as the rest of the runtime reads them. */
export interface Settings extends Options {
  keys: string[];
  retries: number;
  timeout: number;
  words: Partial<Texts>;
  src: string;
}

/** Brings the options of `init`, or the strings of a tag's `data-*` attributes, into one shape. */
export const settle = (options: Options): Settings => {
  let words = options.texts;
  try {
    words = JSON.parse(words as string) as Partial<Texts>;
  } catch {
    // An object already, or no JSON: then the built-in texts do.
  }
  return {
    ...options,
    keys: String(options.orgs ?? '').split(/[\s,]+/).filter(Boolean),
    retries: Math.min(5, Number(options.retries ?? 5)) || 0,
    timeout: Number(options.timeout) || 1e4,
    words: Object(words) as Partial<Texts>,
    src: options.src || 'https://widget.smsbat.com/operator-chat-panel/widget-script.js',
  };
};
