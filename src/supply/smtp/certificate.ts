// A self-signed certificate for STARTTLS, if the operator configures none. It protects against passive
// listeners; sending mail servers do not check the issuer.
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

export type TlsFiles = { readonly key: string; readonly cert: string }

const days = 3650
const dayMs = 24 * 60 * 60 * 1000

/** @param name the host name that senders use */
export function selfSigned(name: string, now: Date): TlsFiles {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const algorithm = sequence(objectId(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02)) // ECDSA, SHA-256
  const commonName = sequence(
    objectId(0x55, 0x04, 0x03),
    node(0x0c, Buffer.from(name.slice(0, 64))),
  )
  const subject = sequence(node(0x31, commonName))
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(15)])
  const body = sequence(
    node(0xa0, integer(Buffer.from([2]))), // version 3
    integer(serial),
    algorithm,
    subject,
    sequence(time(new Date(now.getTime() - dayMs)), time(new Date(now.getTime() + days * dayMs))),
    subject,
    publicKey.export({ format: 'der', type: 'spki' }),
    node(0xa3, sequence(alternativeName(name))),
  )
  const signature = sign('sha256', body, privateKey)
  const whole = sequence(body, algorithm, node(0x03, Buffer.concat([Buffer.from([0]), signature])))
  return {
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    cert: pem(whole),
  }
}

/** A DER element: its tag, its length and its content. */
function node(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

const sequence = (...parts: readonly Buffer[]) => node(0x30, ...parts)
const integer = (bytes: Buffer) => node(0x02, bytes)
const objectId = (...bytes: readonly number[]) => node(0x06, Buffer.from(bytes))

/** Years before 2050 have two digits, the others four. */
function time(when: Date): Buffer {
  const digits = `${when.toISOString().slice(0, 19).replace(/\D/g, '')}Z`
  return when.getUTCFullYear() < 2050
    ? node(0x17, Buffer.from(digits.slice(2)))
    : node(0x18, Buffer.from(digits))
}

function alternativeName(name: string): Buffer {
  const names = sequence(node(0x82, Buffer.from(name, 'latin1')))
  return sequence(objectId(0x55, 0x1d, 0x11), node(0x04, names))
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}
