// A provider of OpenID Connect that nobody here wrote, with one client: usage: op.mjs PORT PUBLIC SECRET
// PUBLIC: the address of our mount. Whoever signs in there is who they say they are.
import { Provider } from 'oidc-provider';

const [port, here, secret] = process.argv.slice(2);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: 'wiki',
    client_secret: secret,
    redirect_uris: [`${here}/login/corp/callback`],
    post_logout_redirect_uris: [`${here}/logout`],
    backchannel_logout_uri: `${here}/login/corp/backchannel-logout`,
    backchannel_logout_session_required: true,
  }],
  claims: {
    openid: ['sub'],
    email: ['email', 'email_verified'],
    profile: ['name', 'preferred_username', 'groups'],
  },
  cookies: { keys: ['a key of a test'] },
  // It would call no address of this machine.
  fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
  features: { backchannelLogout: { enabled: true } },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      name: `${id} of the provider`,
      preferred_username: id,
      email: `${id}@example.com`,
      email_verified: true,
      groups: ['staff'],
    }),
  }),
});
provider.on('backchannel.error', (_, error, client) => console.error('backchannel', client.clientId, error.message));
provider.on('server_error', (_, error) => console.error(error));
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
