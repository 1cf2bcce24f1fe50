/** The options of all plugins. */
export interface Options {
  /** Configuration file, or several, of which later ones win. By default the nearest `chathub.toml` upwards. */
  config?: string | readonly string[];
  /** More arguments of `chathub inject`, such as `["--prune"]`. */
  args?: readonly string[];
  /** Whether `chathub verify` runs after it; a list: with these arguments, such as `["--min-pages", "20"]`. By default `true`. */
  verify?: boolean | readonly string[];
  /** `false` leaves the site alone. By default `true`. */
  enabled?: boolean;
}
