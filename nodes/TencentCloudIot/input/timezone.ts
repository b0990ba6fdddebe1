import { getGlobalState, type IExecuteFunctions } from 'n8n-workflow';

/** The workflow's time zone, by its IANA name. */
export function timezoneOf(context: Pick<IExecuteFunctions, 'getTimezone'>): string {
	const timezone = context.getTimezone();
	// What a workflow's settings hold that were never set, where it came by import or by n8n's API.
	return timezone === 'DEFAULT' ? getGlobalState().defaultTimezone : timezone;
}
