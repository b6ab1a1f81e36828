// Decompresses the RTF of Outlook ([MS-OXRTFCP]).

/** What the dictionary begins with. */
const beginning = [
  '{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript ',
  '\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n',
  '\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx',
].join('')
const dictionarySize = 4_096
const headerSize = 16
const compressed = 0x75465a4c
const uncompressed = 0x414c454d
const maxOut = 512 * 1024

/** One character for each byte. @returns null if it is no compressed RTF */
export function decompressRtf(bytes: Buffer): string | null {
  if (bytes.length < headerSize) return null
  const magic = bytes.readUInt32LE(8)
  const size = Math.min(bytes.readUInt32LE(4), maxOut)
  if (magic === uncompressed)
    return bytes.subarray(headerSize, headerSize + size).toString('latin1')
  return magic === compressed ? unpacked(bytes, size).toString('latin1') : null
}

/** Each bit of a control byte says whether a byte follows, or a place in the dictionary and a length. */
function unpacked(bytes: Buffer, size: number): Buffer {
  const dictionary = Buffer.alloc(dictionarySize)
  let write = dictionary.write(beginning, 'latin1')
  const out = Buffer.alloc(size)
  let done = 0
  const add = (byte: number) => {
    if (done < size) out[done++] = byte
    dictionary[write] = byte
    write = (write + 1) % dictionarySize
  }
  for (let at = headerSize; at < bytes.length && done < size; ) {
    const control = bytes[at++] as number
    for (let bit = 0; bit < 8 && at < bytes.length && done < size; bit++) {
      if ((control & (1 << bit)) === 0) {
        add(bytes[at++] as number)
        continue
      }
      const pair = ((bytes[at] as number) << 8) | (bytes[at + 1] ?? 0)
      at += 2
      const from = pair >> 4
      if (from === write) return out.subarray(0, done)
      for (let i = 0; i < (pair & 15) + 2; i++)
        add(dictionary[(from + i) % dictionarySize] as number)
    }
  }
  return out.subarray(0, done)
}
