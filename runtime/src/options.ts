import type { Options } from './types.ts';

/**
 * Options as the runtime reads them: those of `init`, or the strings of a tag's `data-*` attributes. Defaults stand
 * where a value is used.
 */
export type Settings = Options;

/** Keys of the organizations to choose from. */
export const keysOf = ({ orgs }: Settings): string[] => String(orgs || '').match(/[^\s,]+/g) || [];
