import { ProblemError } from '../../core/errors'

/** The provider did not say whether it has sent a code: it might have, and might charge for it. */
export class SendOutcomeUnknown extends ProblemError {
  constructor() {
    super('otp_provider_unavailable', {})
  }
}
