// BTCPay Server, against a server that speaks its protocol and signs as it does.
import { describeGateway } from './conformance.ts'
import { btcpayServer } from './servers/btcpay.ts'

describeGateway('btcpay', btcpayServer)
