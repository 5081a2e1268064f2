import { OtpCheck } from './authentication'

export const PhoneNumberChange = OtpCheck.pick({ verificationId: true, code: true }).openapi('PhoneNumberChange', {
  description: 'The code that was sent to the new number.',
  example: { verificationId: 'ver_01KAT5JZ4S7C1H9G0K2QX6B8VN', code: '482913' },
})
