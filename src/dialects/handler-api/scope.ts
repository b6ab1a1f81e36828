// The scope of this protocol's keys. They are part of URLs, so they open nothing else.
import type { DialectScope } from '../../core/accounts/scopes.ts'

declare module '../../core/accounts/scopes.ts' {
  interface DialectScopes {
    'handler-api': true
  }
}

/** The key buys through this protocol, so only a key that may buy can create one. */
export const ownScope: DialectScope = {
  name: 'handler-api',
  needs: 'buy',
  errorForms: ['plain', 'hero'],
}
