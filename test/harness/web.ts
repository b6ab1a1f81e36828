// The built web application, for tests of pages: built once for all test files, if it is not there yet.
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Installs the tools of the web application and builds it, unless that was done from the same sources. */
export async function builtWeb(): Promise<void> {
  // @NOTE plain JavaScript that needs nothing installed; it has no types
  const { ensureWeb } = (await import(new URL('../../run-web.mjs', import.meta.url).href)) as {
    ensureWeb(options: object): Promise<string | null>
  }
  await ensureWeb({
    root,
    node: () => process.execPath,
    say: (line: string) => process.stderr.write(`${line}\n`),
    stop: new Promise(() => {}),
  })
}
