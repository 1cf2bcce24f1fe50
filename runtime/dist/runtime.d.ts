// Built from src/types.ts by scripts/build.mjs.

/** What the chat is doing; every change is announced with a `chathub:state` event on `document`. */
export type State = 'idle' | 'waiting' | 'loading' | 'ready' | 'offline' | 'failed' | 'destroyed';

/** When the first token request may happen. */
export type Load = 'eager' | 'idle' | 'visible' | 'interaction' | 'manual';

/** What visitors read; the first two are built in, in en, uk, pt, pl, de, es and fr. */
export interface Texts {
  /** While the token is fetched and the widget loads. */
  loading: string;
  /** When the chat cannot be shown. */
  failed: string;
  /** The contact link that the runtime creates when the page has none; else it shows the address itself. */
  contact: string;
  /** Names of organizations in the chooser, by key; a key without a name shows itself. */
  orgs: Record<string, string>;
}

/** What a token endpoint, or `getToken`, may answer with. */
export type TokenReply = string | { token: string; expiresAt?: string | number };

/** Options of `init` and `mount`; each but `getToken` has a `data-*` twin on the loader tag. */
export interface Options {
  /** URL of the token endpoint; another origin must be https. Needed unless `getToken` is given. */
  endpoint?: string;
  /** Organization key, sent to the endpoint as `?org=`. */
  org?: string;
  /** Several organization keys: a chooser is shown. In `data-orgs` they are separated by spaces. */
  orgs?: readonly string[] | null;
  /** Cookies on the token request: `same-origin` (default), `include`, `omit`. */
  credentials?: RequestCredentials;
  /** When to load; default `idle`. A visitor who asked to save data gets `interaction`. */
  load?: Load;
  /** CSS selector of the element that `visible` and `interaction` watch. */
  target?: string;
  /** Where visitors turn when the chat cannot be shown: a `mailto:`, `https:` or `tel:` URL. */
  contact?: string;
  /**
   * Name of the event that grants consent: no request before it. With `detail === false` it withdraws. Where
   * `detail.cookie.categories` lists what the visitor has agreed to, as that of `cc:onConsent` does, it grants if `category` is
   * among it.
   */
  consent?: string;
  /** The category of consent that the chat belongs to; default `functional`. */
  category?: string;
  /** Tells whether there is consent: asked at the start, for an event that was fired before, at each event, and with what visitors do. */
  consented?: () => boolean;
  /** Where another page of the site shows this one in a frame, that page has the chat; with `each`, this one has too. */
  frames?: string;
  /** How a new token reaches the widget: a new tag (`replace`, default), or its `token` attribute alone. */
  refresh?: 'replace' | 'attribute';
  /** Retries after a failed request, at most and by default 5. */
  retries?: number | string;
  /** Milliseconds that a token request may take; default 10000. */
  timeout?: number | string;
  /** `none`: show no status, chooser or link of our own. */
  ui?: string;
  /** Texts that replace the built-in ones; JSON in `data-texts`. */
  texts?: Partial<Texts>;
  /** CSP nonce for the widget tag; by default the loader tag's own. */
  nonce?: string;
  /** URL of the widget's script, when it is not the vendor's default. */
  src?: string;
  /**
   * Fetches the token instead of `endpoint`. A rejection with a `status` is read like an HTTP status; it must reject
   * when its signal is aborted, which is how time outs and switches reach it.
   */
  getToken?: (org: string | undefined, signal: AbortSignal) => TokenReply | Promise<TokenReply>;
}

/** Handle on the document's one chat. */
export interface Controller {
  /** What the chat is doing now. */
  readonly state: State;
  /** Loads now instead of waiting for the trigger; does nothing without consent. Tries again after a failure. */
  load(): Promise<void>;
  /** Fetches a new token; at most one every 30 seconds, sooner calls do nothing. */
  refresh(): Promise<void>;
  /** Switches the organization, and loads; the last call wins. */
  setOrg(org: string | undefined): Promise<void>;
  /** Consent is given, whatever events said. */
  grant(): void;
  /** Consent is withdrawn: the chat goes. */
  revoke(): void;
  /** Takes the widget out, after a load that is under way has ended, and stops until `init` or `mount` is called. */
  destroy(): Promise<void>;
}

/** Details of the `chathub:*` events; none carries the token. */
export interface EventDetail {
  org?: string;
  /** `chathub:state`. */
  state?: State;
  /**
   * `chathub:error`: the endpoint's HTTP status; or `network` (no answer, or too late), `reply` (no token in it),
   * `expired` (twice), `script` (the widget's script did not load), `threw` (it did, with an error), `blocked` (a policy of
   * the page, or something in the browser, blocks one of them), `config`.
   */
  code?: string | number;
}

/** What `window.ChatHub` offers. */
export interface ChatHub {
  /**
   * Starts the document's chat, or brings the running one to these options. Without options, to those of the page's
   * loader tag; that happens by itself when the module runs, and after navigations.
   */
  init(options?: Options): Controller;
  /** As `init`, counted: the chat ends shortly after the last returned function was called. */
  mount(options: Options): () => void;
  /** The document's chat, running or not. */
  readonly controller: Controller;
  /** Resolves when there is a chat for the first time. */
  ready?: Promise<Controller>;
  /**
   * Calls a function with this. So `(window.ChatHub ||= []).push((hub) => hub.controller.grant())` works before the runtime
   * is there, too.
   */
  push(call: (hub: ChatHub) => void): void;
}

/** See {@link ChatHub.init}. */
export declare const init: ChatHub['init'];
/** See {@link ChatHub.mount}. */
export declare const mount: ChatHub['mount'];

declare global {
  interface Window {
    /** The same functions, for pages without modules of their own. */
    ChatHub?: ChatHub;
  }
  interface DocumentEventMap {
    'chathub:state': CustomEvent<EventDetail>;
    'chathub:ready': CustomEvent<EventDetail>;
    'chathub:error': CustomEvent<EventDetail>;
    'chathub:refresh': CustomEvent<EventDetail>;
    /** The token is about to be renewed, which restarts the widget; `preventDefault()` puts that off as long as it can be. */
    'chathub:beforerefresh': CustomEvent<EventDetail>;
  }
}
