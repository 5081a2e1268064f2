import { ProblemError } from '../../core/errors'

/** The provider did not say whether it has sent a code: it may have, and may charge for it. */
export class SendOutcomeUnknown extends ProblemError {
  constructor() {
    super('otp_provider_unavailable', {})
  }
}
