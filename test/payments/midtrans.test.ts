// Midtrans, against a server that speaks its protocol and signs as it does.
import { describeGateway } from './conformance.ts'
import { midtransServer } from './servers/midtrans.ts'

describeGateway('midtrans', midtransServer)
