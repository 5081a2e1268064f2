import { OtpCheck } from './authentication'

export const PhoneNumberChange = OtpCheck.pick({ verificationId: true, code: true }).openapi('PhoneNumberChange', {
  description: 'The verification of the new number and the code that was sent to it.',
  example: { verificationId: 'ver_01KAT5JZ4S7C1H9G0K2QX6B8VN', code: '482913' },
})
