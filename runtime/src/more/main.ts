// The second file: what few pages need. The first one loads it when it comes to that.
import { render } from './box.ts';
import { judge } from './failure.ts';
import { expired, refresh } from './refresh.ts';
import { route } from './routes.ts';
import { askTime } from './time.ts';

export const functions = { render, judge, expired, refresh, route, askTime };

(globalThis as any)[Symbol.for('chathub.runtime.v1')].shelf.more_ = functions;
