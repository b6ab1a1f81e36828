// Reads a QR code off a page, as a phone before the screen does.
import jsqr from 'jsqr'
import type { Page } from 'playwright-core'

type Pixels = { readonly data: readonly number[]; readonly width: number; readonly height: number }

/** @returns the text of the QR code that an image of the page shows; null if none can be read */
export async function readQr(page: Page, selector: string): Promise<string | null> {
  await page.locator(selector).waitFor()
  const { data, width, height } = await page.evaluate<Pixels>(`(async () => {
    const image = document.querySelector(${JSON.stringify(selector)})
    await image.decode()
    const size = 400
    const canvas = new OffscreenCanvas(size, size)
    const paint = canvas.getContext('2d')
    paint.fillStyle = '#fff'
    paint.fillRect(0, 0, size, size)
    paint.drawImage(image, 0, 0, size, size)
    return { data: [...paint.getImageData(0, 0, size, size).data], width: size, height: size }
  })()`)
  // @NOTE its types are those of an ES module, and it is a CommonJS module
  const read = jsqr as unknown as typeof jsqr.default
  return read(Uint8ClampedArray.from(data), width, height)?.data ?? null
}
