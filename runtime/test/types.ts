// Not run: `npm run check` proves with it that the published types serve the code that people write.
import { init, mount, type Controller, type TokenReply } from '../dist/runtime';

const controller: Controller = init({ endpoint: '/api/chathub/token', orgs: ['sales', 'support'], load: 'manual', texts: { orgs: { sales: 'Sales' } } });
const unmount: () => void = mount({ getToken: async (org, signal): Promise<TokenReply> => (await fetch(`/t/${org}`, { signal })).text() });

document.addEventListener('chathub:state', ({ detail }) => console.log(detail.state, detail.org));
document.addEventListener('chathub:error', ({ detail }) => console.log(detail.code, detail.org));
void controller.load().then(() => controller.setOrg('sales'));
void window.ChatHub?.controller?.destroy();
unmount();

// @ts-expect-error: an event never carries the token.
document.addEventListener('chathub:ready', ({ detail }) => console.log(detail.token));
// @ts-expect-error: no such moment.
init({ endpoint: '/t', load: 'later' });
