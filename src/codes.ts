// The package's entry `numlet/codes`: finds one-time codes in messages. It needs nothing else of Numlet, no
// other package, and nothing of Node, so that it runs in a browser as it is.
export {
  type CodeRule,
  type CodeSource,
  type Extraction,
  extractCode,
} from './core/codes/extract.ts'
export { KnownNames } from './core/codes/names.ts'
