// The server's own small pages: readable on every screen, light or dark, without scripts.

const marks: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Escapes text for HTML. */
export const escapeHtml = (text: string) =>
  text.replace(/[&<>"']/g, (mark) => marks[mark] as string)

/** Nothing may run or load. Forms may only post to this server. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; " +
    "frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const

const style = `:root{color-scheme:light dark;--line:#8884;--soft:#8881;--link:#14633a}
@media(prefers-color-scheme:dark){:root{--link:#7fd6a4}}
body{font:16px/1.6 system-ui,sans-serif;max-width:46rem;margin:3rem auto;padding:0 1rem}
h1{font-size:1.7rem;line-height:1.25;margin:.6rem 0}h2{font-size:1.1rem;margin:1.8rem 0 .4rem}
p{margin:.4rem 0}a{color:var(--link)}code{font:.92em ui-monospace,monospace;background:var(--soft);
padding:.1em .3em;border-radius:.25rem}pre{background:var(--soft);padding:1rem;border-radius:.5rem;
overflow-x:auto}pre code{background:none;padding:0}table{border-collapse:collapse;width:100%;
margin:1.2rem 0}td code{overflow-wrap:break-word}th,td{text-align:left;padding:.35rem .6rem .35rem 0;
border-bottom:1px solid var(--line);vertical-align:top}`

/** A page. @param content HTML; the caller escapes the texts in it */
export const htmlPage = (title: string, content: string) =>
  '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
  `<title>${escapeHtml(title)} · Numlet</title>` +
  '<meta name="viewport" content="width=device-width,initial-scale=1">' +
  `<style>${style}</style></head><body><main>${content}</main></body></html>`
