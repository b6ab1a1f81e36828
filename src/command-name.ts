// How messages name the command line: by npm in a checkout, by its own name where it is installed.
const isCheckout = import.meta.url.endsWith('.ts')

export const commandName = isCheckout ? 'npm run -s numlet --' : 'numlet'
export const startName = isCheckout ? 'npm start' : 'numlet start'
