// HTML is read as a browser shows it. test/long/chromium-text.test.ts compares the texts with Chromium's.
import { expect, it } from 'vitest'
import { htmlToText } from '../../src/core/codes/html.ts'
import { pages, plainly } from './pages/pages.ts'

it.each(pages)('reads what is seen of a page: $name', ({ html, text }) => {
  expect(plainly(htmlToText(html))).toBe(text)
})
