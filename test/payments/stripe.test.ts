// Stripe, against a server that speaks its protocol and signs as it does.
import { describeGateway } from './conformance.ts'
import { stripeServer } from './servers/stripe.ts'

describeGateway('stripe', stripeServer)
