// The second file: what few pages need. The first one loads it when it comes to that.
import { core } from '../core.ts';
import { judge } from './failure.ts';
import { leave } from './mount.ts';
import { follow } from './navigation.ts';
import { expired, object, renew } from './refresh.ts';
import { show } from './show.ts';

// In the order of `Do`.
core.more_ = [show, judge, object, expired, follow, leave];
core.renew_ = renew;
