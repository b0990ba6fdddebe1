import type { IDataObject } from 'n8n-workflow';
import { reportOf } from './reportViolations.mts';
import { pushesOf, type Witness } from './witness.mts';

interface Accepted {
	CustomerId: string;
	RequestId: string;
	Devices: IDataObject[];
}

/**
 * Invariant 17: each set that the service accepted is exactly one OK record of the run, as it was sent and with the RequestId of
 * its response, and no other record is OK; no customer has two.
 */
export function recordViolations({ result, simulator }: Witness): string[] {
	const report = reportOf(result);
	if (report === undefined) {
		return [];
	}
	const records = result.success.flatMap(({ json: { Records = '[]' } }) => {
		return JSON.parse(Records as string) as Array<Accepted & { Outcome: string }>;
	});
	const accepted = pushesOf(simulator).flatMap(({ CustomerId = '', RequestId = '', body = '', outcome }) => {
		const { DeviceInfos } = JSON.parse(body) as { DeviceInfos: IDataObject[] };
		return outcome === 'OK' ? [{ CustomerId, RequestId, Devices: DeviceInfos }] : [];
	});
	const ok = records.filter(({ Outcome }) => Outcome === 'OK');
	const recorded = new Set(ok.map(textOf));
	const acceptedSets = new Set(accepted.map(textOf));
	const violations = [
		...[...recorded]
			.filter((set) => !acceptedSets.has(set))
			.map((set) => `17: nothing like the record ${set} was accepted`),
		...[...acceptedSets].filter((set) => !recorded.has(set)).map((set) => `17: no record has ${set}`),
	];
	if (new Set(records.map(({ CustomerId }) => CustomerId)).size !== report.json.RecordCount) {
		violations.push(`17: ${records.length} records are counted as ${String(report.json.RecordCount)}`);
	}
	return violations;
}

function textOf({ CustomerId, RequestId, Devices }: Accepted): string {
	return `${CustomerId} ${RequestId} ${JSON.stringify(Devices)}`;
}
