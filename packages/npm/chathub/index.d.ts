/** The absolute path of the binary for this platform. Throws an error that says what to do if there is none. */
export function binaryPath(): string;

export interface RunOptions {
  /** The working folder; that of this process by default. */
  cwd?: string;
  /** All environment variables; those of this process by default. */
  env?: Record<string, string | undefined>;
  /** `"inherit"`, the default: the streams of this process. `"pipe"`: what is printed comes with the result. */
  stdio?: 'inherit' | 'pipe' | 'ignore';
  /** An `AbortSignal` that ends the run. */
  signal?: { readonly aborted: boolean };
}

/** How the binary has ended. */
export interface Result {
  /** Its exit code; `null` if a signal has ended it. */
  code: number | null;
  /** The signal that has ended it, if one has. */
  signal: string | null;
  /** What it has printed, where `stdio` is `"pipe"`; else empty. */
  stdout: string;
  stderr: string;
}

/** Runs the binary with these arguments. Resolves when it has ended, whatever its exit code is; rejects if it cannot be run. */
export function run(args?: readonly string[], options?: RunOptions): Promise<Result>;
