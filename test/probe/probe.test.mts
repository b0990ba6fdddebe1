import { requestFailureOf } from '../../nodes/TencentCloudIot/service/outcome';
import { expect, test } from '@jest/globals';
import { outcomeOf } from '../../nodes/TencentCloudIot/service/fate';
import { SIGNATURE_SCHEMES } from '../../nodes/TencentCloudIot/service/signing/signature';
import { optionsLike } from '../../simulator/like/optionsLike.mts';
import type { Transcript } from '../../simulator/like/transcript.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { deliver, pushOf, sendingTo } from '../support/sending.mts';
import { STAND_INS, type Expected } from './personalities.mts';
import { runProbe, type Account, type ProbeReport } from './runProbe.mts';
import { CANARIES, runStandIn } from './standIn.mts';

const CUSTOMERS = [{ CustomerId: 'Zebulon_Quackenbush', CountryCode: '86', PhoneNumber: '13800138000' }];

/** The findings in which the personalities differ. */
function seen(report: ProbeReport): Expected {
	const { SignatureScheme, RequestIdEchoed, Unanswered, Actions } = report;
	const { OldTimestampRefused, RepeatedNonceRefused } = report;
	return {
		SignatureScheme,
		RequestIdEchoed: RequestIdEchoed!,
		Unanswered,
		OldTimestampRefused,
		RepeatedNonceRefused,
		Missing: Actions.Missing,
		NotPermitted: Actions.NotPermitted,
		asksForBinding: !Actions.NotAsked.includes('ServiceBindDevice'),
	};
}

function expectNoCanary(report: object, ...more: string[]): void {
	const text = JSON.stringify(report);
	expect([...CANARIES, ...more].filter((canary) => text.includes(canary))).toEqual([]);
}

/** The outcomes and codes of two pushes, as in a run. */
async function pushesTo(account: Account): Promise<string[]> {
	const { appKey, appSecret } = account;
	const settings = { appKey, appSecret, signatureSchemes: SIGNATURE_SCHEMES, reads: [] };
	const { delivered } = await deliver([pushOf('c1'), pushOf('c2')], sendingTo(account, settings));
	return delivered.map((request) => {
		const outcome = outcomeOf(request)!;
		return outcome.outcome === 'OK'
			? 'OK'
			: `${outcome.outcome} ${requestFailureOf(outcome)?.authFailure ?? outcome.scope}`;
	});
}

/** A simulator that responds as in the transcript, as started by `--like`. */
async function runLike({ Transcript: transcript }: ProbeReport): Promise<Account> {
	return await runSimulator({ ...optionsLike(JSON.parse(transcript) as Transcript), customers: CUSTOMERS });
}

test.each(STAND_INS)(
	'The probe identifies a stand-in: %s; replayed it is the same.',
	async (_, personality, expected) => {
		const service = await runStandIn(personality);
		const { report } = await runProbe(service);
		expect(seen(report)).toEqual(expected);
		expect(service.requests()).toBeLessThanOrEqual(12);
		expect(service.writes()).toBe(0);
		expectNoCanary(report);
		const again = await runLike(report);
		expect(seen((await runProbe(again)).report)).toEqual(expected);
		expect(await pushesTo(again)).toEqual(await pushesTo(service));
	},
);
