import { KNOWN } from '../../messages/known';
import type { Message } from '../../messages/message';
import { timeText } from '../../messages/time';
import type { Known, SentSet } from './known';
import type { Receipt } from './receipt';

/** How times and Syncs are named. */
export interface KnownStyle {
	/** By its IANA name. */
	timezone: string;
	/** What people call a Sync. @param node names workflow and node */
	nameOf(node: string): string;
}

/** What is known of a customer, in sentences without a period at the end. */
export function describeKnown(known: Known, { timezone, nameOf }: KnownStyle): Message[] {
	const { accepted, unclear, goneFrom, stillIn, lastFailure, missing, logSinceMs } = known;
	const time = (ms: number) => timeText(ms, timezone);
	const moment = ({ atMs, requestId, devices }: SentSet) => {
		return { time: time(atMs), requestId, devices: devices.length };
	};
	const messages: Message[] = [];
	if (accepted !== undefined) {
		messages.push(KNOWN.accepted(moment(accepted)));
		messages.push(...unclear.map((set) => KNOWN.unclearSince(moment(set), unclear.length + 1)));
	} else if (unclear.length > 0) {
		messages.push(...unclear.map((set) => KNOWN.unclear(moment(set))));
	} else if (known.kind === 'neverSent') {
		messages.push(KNOWN.neverSent());
	}
	if (accepted === undefined && logSinceMs !== undefined) {
		messages.push(KNOWN.beforeLog(time(logSinceMs)));
	}
	if (lastFailure !== undefined) {
		const { atMs, lastMs, code = '', reason = '' } = lastFailure;
		const why = reason === '' ? code : `${code}: ${reason.replace(/\.$/, '')}`;
		const first = time(atMs);
		messages.push(
			lastMs === undefined
				? KNOWN.lastFailure(first, why)
				: KNOWN.lastFailures({ first, last: time(lastMs) }, why),
		);
	}
	messages.push(...goneFrom.map(({ node, atMs }) => KNOWN.gone(time(atMs), nameOf(node))));
	if (goneFrom.length > 0) {
		messages.push(...stillIn.map(({ node, atMs }) => KNOWN.stillIn(time(atMs), nameOf(node))));
	}
	if (missing > 0) {
		messages.push(KNOWN.missing(missing));
	}
	return messages;
}

/** The devices of a receipt, each in one text: `PRODUCT/device · SN-0001 · Smart Lock`. */
export function devicesOf({ devices }: Pick<Receipt, 'devices'>): string[] {
	return devices.map(({ DeviceId, CustomerDeviceNo, ProductName }) => {
		return [DeviceId, CustomerDeviceNo, ProductName].filter((text) => text !== '').join(' · ');
	});
}
