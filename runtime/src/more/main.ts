// The second file: what few pages need. The first one loads it when it comes to that.
import { core } from '../core.ts';
import { judge } from './failure.ts';
import { expired, object } from './refresh.ts';
import { route } from './routes.ts';
import { show } from './show.ts';

// In the order of `Do`.
core.more_ = [show, judge, object, expired, route];
