// Xendit, against a server that speaks its protocol and signs as it does.
import { describeGateway } from './conformance.ts'
import { xenditServer } from './servers/xendit.ts'

describeGateway('xendit', xenditServer)
