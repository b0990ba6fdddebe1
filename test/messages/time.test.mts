import { expect, test } from '@jest/globals';
import { timeText } from '../../nodes/TencentCloudIot/messages/time';

test.each([
	['2026-11-29T22:00:05Z', 'Asia/Shanghai', '2026-11-30 06:00:05 GMT+8'],
	['2026-11-29T16:00:00Z', 'Asia/Shanghai', '2026-11-30 00:00:00 GMT+8'],
	['2026-11-30T00:00:00Z', 'UTC', '2026-11-30 00:00:00 GMT+0'],
	['2026-11-30T12:00:00Z', 'UTC', '2026-11-30 12:00:00 GMT+0'],
	['2026-07-01T03:59:59Z', 'America/New_York', '2026-06-30 23:59:59 GMT-4'],
	['2026-12-01T03:59:59Z', 'America/New_York', '2026-11-30 22:59:59 GMT-5'],
	['2026-11-30T06:00:00Z', 'Asia/Kolkata', '2026-11-30 11:30:00 GMT+5:30'],
	['2026-11-30T06:00:00Z', 'No/Such_Zone', '2026-11-30 06:00:00 GMT+0'],
])('%s in %s is shown with day and zone: %s', (moment, timezone, text) => {
	expect(timeText(Date.parse(moment), timezone)).toBe(text);
});
