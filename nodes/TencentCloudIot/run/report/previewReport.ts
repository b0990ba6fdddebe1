import { shownText } from '../../host/shown';
import { presentMembers } from '../../resources/operation/presentMembers';
import { notSent } from '../../service/outcome';
import { withoutFindings } from '../../sync/health';
import { NO_SIGNING, type Preview, type RunResult, tallied } from './result';
import { reportRun } from './runReport';
import { previewHint } from './summary';
import { type Place, writeEnglish } from '../../messages/text';

/** The item that reports a Dry Run: its counts, and its summary or, on a schedule, the report of a run that sent nothing. */
export function reportPreview(preview: Preview, place: Place) {
	const counts = countPreview(preview, place);
	// Whoever runs the workflow by hand sees that it is a Dry Run, and needs no report.
	if (preview.sync?.isManual !== false) {
		const { message } = previewHint(preview, place === 'everything' ? 'hint' : place);
		return { ...counts, Summary: shownText(`${message}.`) };
	}
	return { ...counts, ...reportRun(tallied(unsentRun(preview)), place) };
}

function countPreview({ calls, sync, requests, blocked, tally }: Preview, place: Place) {
	const verdicts = sync && tally.verdicts;
	return presentMembers({
		DryRun: true,
		Customers: tally.customers,
		...verdicts,
		Gone: sync?.gone,
		...countDevices(calls),
		Requests: requests,
		StopCode: blocked?.code,
		Stop: blocked && shownText(writeEnglish(blocked.reason, place)),
		Advice: blocked && shownText(writeEnglish(blocked.advice, place)),
	});
}

/** How many devices would be added, go and stay, over all customers that would be sent; undefined if that is not known. */
function countDevices(calls: Preview['calls']) {
	const changes = calls.flatMap(({ wouldBe, deviceChanges }) => {
		return wouldBe.Status === 'WOULD_SEND' && deviceChanges !== undefined ? [deviceChanges] : [];
	});
	if (!calls.some(({ deviceChanges }) => deviceChanges !== undefined)) {
		return undefined;
	}
	const countIn = (member: 'added' | 'gone' | 'kept') => {
		return changes.reduce((deviceCount, change) => deviceCount + change[member].length, 0);
	};
	return { DevicesAdded: countIn('added'), DevicesGone: countIn('gone'), DevicesKept: countIn('kept') };
}

/**
 * The result of a scheduled Dry Run: that of a run which failed, since it sent nothing. Somebody has left the option on in a published
 * workflow, and the workflow would otherwise look healthy.
 */
export function unsentRun(preview: Preview): RunResult {
	const { operation, timezone, calls, withheld, leftOut, remarks, sync, rowCount } = preview;
	const why = notSent('DRY_RUN');
	return {
		...NO_SIGNING,
		operation,
		timezone,
		calls: calls.map(({ call, verdict }) => ({ call, verdict, fate: { kind: 'notTried', why } })),
		withheld,
		leftOut,
		remarks,
		blocked: why,
		endedEarly: undefined,
		isRetry: false,
		sync: sync && withoutFindings(sync),
		rowCount,
		durationMs: 0,
	};
}
