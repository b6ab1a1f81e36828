// Generators of types need the TypeScript that has a JavaScript API: for them `typescript` is version 5.
import { registerHooks } from 'node:module'

registerHooks({
  resolve: (name, context, next) => next(name === 'typescript' ? 'typescript-5' : name, context),
})
