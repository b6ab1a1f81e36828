// Public ids: `ord_` and 11 of 0-9a-z, converted from the row's number and back.
//
// A token is the number under a keyed permutation of 56 bits, so it needs no column and no index, and one
// token reveals nothing about the next. It is not a secret: each verb checks the owner.

const tokenLength = 11
const halfMask = 0x0fff_ffff // 28 bits
const rounds = 8

export type PublicIds = {
  /** `toToken('ord', 458731n)` -> `ord_0k3v...` */
  toToken(prefix: string, id: bigint | number): string
  /** The number of a token with this prefix, or null if it is not one. */
  fromToken(prefix: string, token: string): bigint | null
}

/** @param key 16 bytes, the same on every node (table `installation`) */
export function publicIds(key: Buffer): PublicIds {
  const roundKeys = Array.from({ length: rounds }, (_, i) => key.readUInt32LE((i * 4) % 16))
  return {
    toToken(prefix, id) {
      const seed = seedOf(prefix)
      let left = Number(BigInt(id) >> 28n) & halfMask
      let right = Number(BigInt(id) & BigInt(halfMask))
      for (let i = 0; i < rounds; i++)
        [left, right] = [right, left ^ mix(right, (roundKeys[i] as number) ^ seed, i)]
      const value = (BigInt(left) << 28n) | BigInt(right)
      return `${prefix}_${value.toString(36).padStart(tokenLength, '0')}`
    },
    fromToken(prefix, token) {
      if (!token.startsWith(`${prefix}_`)) return null
      const digits = token.slice(prefix.length + 1)
      if (digits.length !== tokenLength || !/^[0-9a-z]+$/.test(digits)) return null
      const value = fromBase36(digits)
      if (value >= 1n << 56n) return null
      const seed = seedOf(prefix)
      let left = Number(value >> 28n)
      let right = Number(value & BigInt(halfMask))
      for (let i = rounds - 1; i >= 0; i--)
        [left, right] = [right ^ mix(left, (roundKeys[i] as number) ^ seed, i), left]
      return (BigInt(left) << 28n) | BigInt(right)
    },
  }
}

function fromBase36(digits: string): bigint {
  const high = Number.parseInt(digits.slice(0, 5), 36)
  const low = Number.parseInt(digits.slice(5), 36)
  return BigInt(high) * 2_176_782_336n + BigInt(low) // 36 ** 6
}

function seedOf(prefix: string): number {
  let seed = 0
  for (const char of prefix) seed = Math.imul(seed, 31) + char.charCodeAt(0)
  return seed
}

/** A keyed 32-bit mixer (the finaliser of MurmurHash3, public domain), cut to 28 bits. */
function mix(value: number, key: number, round: number): number {
  let h = value ^ key ^ Math.imul(round + 1, 0x9e37_79b9)
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35)
  return (h ^ (h >>> 16)) & halfMask
}
