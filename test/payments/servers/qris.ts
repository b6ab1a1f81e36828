// A QRIS code on a counter, as gateways in tests have one: its merchant does not exist.
import { writeEmvQr, writeFields } from '../../../src/core/deposits/emv-qr.ts'

export const counter = writeEmvQr([
  { id: '00', value: '01' },
  { id: '01', value: '11' },
  {
    id: '26',
    value: writeFields([
      { id: '00', value: 'ID.CO.QRIS.WWW' },
      { id: '01', value: '936000000000000000' },
      { id: '02', value: 'ID0000000000000' },
      { id: '03', value: 'UMI' },
    ]),
  },
  { id: '52', value: '4814' },
  { id: '53', value: '360' },
  { id: '58', value: 'ID' },
  { id: '59', value: 'TOKO CONTOH' },
  { id: '60', value: 'JAKARTA' },
  { id: '61', value: '10110' },
  { id: '62', value: writeFields([{ id: '07', value: 'A01' }]) },
])
