/** A run that a safety check has stopped: what it would have done, for a person who approves or rejects its plan. */
import type { Text } from '../messages/text';
import type { Failure } from '../service/outcome';
import { digestOfText } from '../service/signing/signature';

/** Why a safety check stops a run, and what helps a person to approve or reject its plan. */
export interface Stop extends Failure {
	/** The plan ID: a user who approves it lets the next run send exactly this plan. E.g. `q3BzX0yAf9LmK2dV`. */
	planId: string;
	/** What the run would have sent: the facts for a person who decides about its plan. */
	planFacts?: {
		/** The counts of the last run; undefined if the state is lost or cannot be read. */
		before: { customers: number; devices: number } | undefined;
		now: { customers: number; devices: number; withheld: number };
		/** What the plan would change; undefined if the state is lost, or of another account. */
		changes:
			| {
					/** The ids of customers that the state does not know. */
					newIds: readonly string[];
					/** The ids of customers whose devices differ from those in the state. */
					changedIds: readonly string[];
					/** The hashes of customers that no row names any more. */
					missingKeys: readonly string[];
					/** The devices that the rows name under another customer than the state does, each once. */
					movedDevices: readonly MovedDevice[];
			  }
			| undefined;
		/** How many requests the plan takes, without retries. */
		requestCount: number;
	};
	/** For a person who finds the rows wrong: the first customers that the check is about, and what to correct. */
	correction: Record<'examples' | 'advice', Text>;
}

/**
 * A device that the rows now have under another customer, without a report that says so. If a push adds devices instead of replacing the full
 * set, Tencent keeps the device bound to the former owner as well, and no response shows that.
 */
export interface MovedDevice {
	deviceId: string;
	/** The hash of the device. */
	deviceHash: string;
	/** The hash of the former owner. A report names each pair of device and former owner once. */
	formerOwnerKey: string;
	/** The CustomerId of the former owner; undefined if no row names the customer any more. */
	formerOwnerId: string | undefined;
	/** The CustomerId of the new owner. */
	newOwnerId: string;
	/** When the rows of the former owner first lacked the device, minutes since 1970. */
	leftMinute: number;
	/** Whether an earlier run has already sent the device for its new owner. */
	isSentBefore: boolean;
}

/** The failure as a `Stop`; undefined if no safety check made the failure. */
export function asStop(failure: Failure | undefined): Stop | undefined {
	return failure !== undefined && 'planId' in failure ? (failure as Stop) : undefined;
}

/** The length of a plan ID, characters. Each character has 6 bits, so nobody guesses an ID or meets it twice. */
const PLAN_ID_LENGTH = 16;

/** Makes plan IDs, and finds them in what people enter. */
export const planIds = {
	/**
	 * Makes the ID of a plan, of letters and digits only, so it needs no escaping in a form or a URL. The order within a list does not matter.
	 * @param coveredLists everything that the approval covers: what would be sent, and what it was compared with
	 */
	make(coveredLists: ReadonlyArray<readonly string[]>): string {
		const joinedLists = coveredLists.map((list) => list.toSorted().join('\n')).join('\n\n');
		return digestOfText(joinedLists, PLAN_ID_LENGTH).replaceAll('-', 'A').replaceAll('_', 'B');
	},

	/** Finds the plan ID in a text that a user pasted, perhaps with blanks, quotes or a full stop around it. */
	findIn(pastedText: string): string {
		return /[\dA-Za-z]+/.exec(pastedText)?.[0] ?? '';
	},
};
