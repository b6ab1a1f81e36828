// UTF-7 (RFC 2152): ASCII, with other letters as base64 of UTF-16 between `+` and `-`.

const plus = 0x2b
const minus = 0x2d
const bitsAUnit = 16

/** The value of each byte as base64; -1 for all others. */
const values = new Int8Array(256).fill(-1)
for (const [value, letter] of [
  ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
].entries())
  values[letter.charCodeAt(0)] = value

/** Decodes UTF-7. Bytes that it does not allow stand for themselves. */
export function decodeUtf7(bytes: Uint8Array): string {
  const units = new Uint16Array(bytes.length)
  let size = 0
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at++] as number
    if (byte !== plus) units[size++] = byte
    else if (bytes[at] === minus) {
      units[size++] = plus
      at++
    } else {
      let [bits, count] = [0, 0]
      for (; at < bytes.length; at++) {
        const value = values[bytes[at] as number] as number
        if (value < 0) break
        bits = ((bits << 6) | value) & 0x3fffff
        count += 6
        if (count < bitsAUnit) continue
        count -= bitsAUnit
        units[size++] = bits >> count
      }
      if (bytes[at] === minus) at++
    }
  }
  return new TextDecoder('utf-16le').decode(units.subarray(0, size))
}
