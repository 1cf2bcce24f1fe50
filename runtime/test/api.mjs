// Stands in for the ChatHub API, as far as minting a token takes: the calls as the vendor documents them.
import { jwt, serve } from './harness.mjs';

export const COMPANY = 'the-company-token-of-this-test';
export const LOGIN = 'owner@example.com';
export const PASSWORD = 'the-password-of-this-test';

/** A server; its `log` has the calls. */
export const standInApi = () => {
  const read = async (request) => JSON.parse((await request.toArray()).join(''));
  const json = (response, value) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  const mine = (handler) => (request, response) =>
    request.headers.authorization === `Bearer ${COMPANY}` ? handler(request, response) : response.writeHead(401).end();
  return serve({
    '/api/company/get-token': async (request, response) => {
      const { login, password } = await read(request);
      if (login === LOGIN && password === PASSWORD) json(response, COMPANY);
      else response.writeHead(401).end();
    },
    '/api/company/organization': mine((request, response) => json(response, [{ id: 24, name: 'Sales' }])),
    '/api/operator': mine((request, response) => json(response, [{ id: 102, name: 'Desk', status: 0, organization: { id: 24, name: 'Sales' } }])),
    '/api/operator/get-token': mine(async (request, response) => {
      const { id, expiresAt } = await read(request);
      json(response, jwt({ id, exp: Math.floor(Date.parse(expiresAt) / 1000) }));
    }),
    '/api/operator/validate-token': mine((request, response) => json(response, { valid: true, operatorId: 102 })),
  });
};
