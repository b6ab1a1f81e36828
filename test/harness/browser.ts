// The system's Chromium, for tests of pages. Where none is installed, those tests are skipped and say so.
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Where Chromium is, or null. `NUMLET_TEST_CHROMIUM` names another one. */
export const chromiumPath: string | null =
  [process.env.NUMLET_TEST_CHROMIUM ?? '', ...places].find((path) => existsSync(path)) ?? null

if (chromiumPath === null)
  process.stderr.write(
    'No Chromium: the tests of pages are skipped (Debian: apt-get install chromium).\n',
  )

/** Starts Chromium without a window and without anything that calls home. */
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
