// Types of what Vite imports for us: styles, and catalogues of texts.
/// <reference types="vite/client" />

declare module '*.po' {
  export const messages: import('@lingui/core').Messages
}
