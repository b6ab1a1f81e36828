// Pages with what is seen of them. `inner` is there where Chromium's innerText says something else: it tells
// what is laid out, whether it has a colour and a size or not.
import { readFileSync } from 'node:fs'

type Page = {
  readonly name: string
  readonly html: string
  readonly text: string
  readonly inner?: string
}

const file = new URL('./odd.jsonl', import.meta.url)

export const pages: readonly Page[] = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Page)

/** Without what shows nothing, and with one blank or line end where there are some. */
export function plainly(text: string): string {
  return text
    .replace(/[\u200b-\u200f\u00ad\u2060\ufeff]/g, '')
    .split('\n')
    .map((line) => line.replace(/[\u00a0 \t]+/g, ' ').trim())
    .filter((line) => line !== '')
    .join('\n')
}
