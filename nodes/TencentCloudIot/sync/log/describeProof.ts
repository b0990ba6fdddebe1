import { KNOWN } from '../../messages/known';
import { ofRows, ours, type Text, withoutFullStop } from '../../messages/text';
import { timeText } from '../../messages/time';
import type { Proof } from './proof';
import type { Receipt } from './receipt';

/** How `describeProof` writes times and names Syncs. */
interface ProofStyle {
	/** The IANA name of the time zone. */
	timezone: string;
	/** Gives the name that people use for a Sync. @param nodeKey the key of the node */
	nameOf(nodeKey: string): string;
}

/** Describes what the receipts of a customer prove, in sentences without a full stop at the end. */
export function describeProof(proof: Proof, { timezone, nameOf }: ProofStyle): Text[] {
	const {
		accepted,
		unclearSets,
		formerSyncs,
		currentSyncs,
		lastFailure,
		missing,
		runningNodeKeys,
		completeFromMs,
	} = proof;
	const timeAt = (unixMs: number) => ours(timeText(unixMs, timezone));
	const factsOfSet = ({ atMs, requestId, devices }: Proof['unclearSets'][number]) => ({
		time: timeAt(atMs),
		requestId: requestId === undefined ? undefined : ours(requestId),
		devices: devices.length,
	});
	const sentences: Text[] = [];
	if (accepted !== undefined) {
		sentences.push(
			KNOWN.accepted(factsOfSet(accepted)),
			...unclearSets.map((set) => KNOWN.unclearSince({ ...factsOfSet(set), sets: unclearSets.length + 1 })),
		);
	} else if (unclearSets.length > 0) {
		sentences.push(...unclearSets.map((set) => KNOWN.unclear(factsOfSet(set))));
	} else if (proof.kind === 'neverSent') {
		sentences.push(KNOWN.neverSent());
	}
	if (accepted === undefined && completeFromMs !== undefined) {
		sentences.push(KNOWN.beforeLog({ since: timeAt(completeFromMs) }));
	}
	if (lastFailure !== undefined) {
		const { atMs, lastMetMs, code = '', reason = '' } = lastFailure;
		const why = ofRows(reason === '' ? code : `${code}: ${withoutFullStop(reason)}`);
		const firstTime = timeAt(atMs);
		sentences.push(
			lastMetMs === undefined
				? KNOWN.lastFailure({ time: firstTime, why })
				: KNOWN.lastFailures({ first: firstTime, last: timeAt(lastMetMs), why }),
		);
	}
	sentences.push(
		...formerSyncs.map(({ nodeKey, atMs }) =>
			KNOWN.gone({ since: timeAt(atMs), sync: ours(nameOf(nodeKey)) }),
		),
	);
	if (formerSyncs.length > 0) {
		if (accepted !== undefined) {
			sentences.push(KNOWN.kept());
		}
		sentences.push(
			...currentSyncs.map(({ nodeKey, atMs }) =>
				KNOWN.stillIn({ since: timeAt(atMs), sync: ours(nameOf(nodeKey)) }),
			),
		);
	}
	if (missing > 0) {
		const sentenceOfMissing = accepted === undefined ? KNOWN.missing : KNOWN.missingSince;
		sentences.push(sentenceOfMissing({ count: missing }));
	}
	sentences.push(...runningNodeKeys.map((nodeKey) => KNOWN.running({ sync: ours(nameOf(nodeKey)) })));
	return sentences;
}

/** Each device as one text, e.g. `PRODUCT/device · SN-0001 · Smart Lock`. */
export function deviceTextsOf(devices: Receipt['devices']): string[] {
	return devices.map(({ DeviceId, CustomerDeviceNo, ProductName }) => {
		return [DeviceId, CustomerDeviceNo, ProductName].filter(Boolean).join(' · ');
	});
}
