// The system's Chromium, for tests of pages. Without it, those tests are skipped and say so.
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The path of Chromium, or null. `NUMLET_TEST_CHROMIUM` sets another path. */
export const chromiumPath: string | null =
  [process.env.NUMLET_TEST_CHROMIUM ?? '', ...places].find((path) => existsSync(path)) ?? null

if (chromiumPath === null)
  process.stderr.write(
    'No Chromium: the tests of pages are skipped (Debian: apt-get install chromium).\n',
  )

/** Starts Chromium headless, without anything that contacts its vendor. */
export function openBrowser(): Promise<Browser> {
  if (chromiumPath === null) throw new Error('there is no Chromium')
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
