// The third file: what visitors see of us. The second one loads it when there is something to show.
import { core } from '../core.ts';
import { render } from './box.ts';

core.render_ = render;
