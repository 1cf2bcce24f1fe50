import { core, init } from '../core.ts';
import { script } from '../dom.ts';
import { findTag } from '../tag.ts';
import { route } from './routes.ts';

let planned: Promise<boolean> | undefined;
/** What is the widget's, while a library takes a snapshot of the page. */
let away: HTMLElement[] | undefined;

/** Follows the page through navigations that replace its content; what is hidden from a snapshot (`hidden`) comes back behind it. */
export const follow = (hidden?: HTMLElement[]): Promise<boolean> => {
  away = hidden || away;
  return (planned ||= scan());
};

/** The next task. */
const task = (): Promise<void> => new Promise((done) => setTimeout(done));

/** Brings the chat to the page as it is now: another tag, no tag, other content, another path. */
const scan = async (): Promise<boolean> => {
  // Libraries put the new content in within the same task, or soon.
  await task();
  // The library's own task may be planned behind that one.
  if (away) await task();
  const hidden = away;
  planned = away = undefined;
  if (core.closed_) return true;
  // Unless the chat has ended meanwhile.
  if (hidden && script()) core.nodes_ = [...new Set([...hidden, ...core.nodes_])];
  const tag = findTag();
  const { seen_: seen = '', options_: options } = core;
  const [path] = seen.split(' ', 1);
  core.seen_ = `${location.pathname} ${tag?.outerHTML}`;
  if (seen !== `${path} ${tag?.outerHTML}`)
    if (tag) init();
    else if (seen || 'chathub' in options) core.stop_();
    // The page's own code has started it, and this file could not be had for a while.
    else {
      init(options);
      core.holders_--;
    }
  keep(hidden);
  // Routers that render in the browser bring no tag along.
  if (path !== location.pathname) route().catch(() => {});
  return true;
};

/** Brings what is the widget's along into the new body, or starts it again where nothing can be brought. */
const keep = (hidden: unknown): void => {
  const { body } = document;
  const { last_: last, nodes_: nodes } = core;
  if (!body) return;
  const isOther = hidden || last?.parentNode !== body;
  body.append(...nodes.filter((node) => !node.isConnected));
  core.last_ = [...body.children].filter((element) => !nodes.includes(element as HTMLElement)).pop();
  // What the moment to load depends on may be another element; or there is consent since.
  if (!/loading|ready|offline|failed/.test(core.state_)) core.begin_();
  else if (isOther && core.token_ && !core.limit_ && !(nodes[0] && script())) {
    core.spare_ = core.token_;
    core.token_ = undefined;
    core.refresh_();
  }
};
