import type { TransportErrorKind } from './transportError';

/** The node's own outcome codes; docs/reliability.md documents each. */
export type OwnCode =
	| TransportErrorKind
	| 'ALREADY_RUNNING'
	| 'ANSWER_TOO_DEEP'
	| 'BROKEN_CUSTOMER_IDS'
	| 'COLUMN_NOT_FOUND'
	| 'CREDENTIAL_INCOMPLETE'
	| 'CREDENTIAL_MISSING'
	| 'EGRESS_BLOCKED'
	| 'ENDPOINT_NOT_USABLE'
	| 'EXECUTE_ONCE'
	| 'INVALID_ROWS'
	| 'LIST_INCOMPLETE'
	| 'LIST_TOO_LARGE'
	| 'STATE_NOT_USABLE'
	| 'CIRCUIT_BREAKER'
	| 'NO_ANSWER'
	| 'NO_SUCH_OPERATION'
	| 'NOT_TRIED'
	| 'OTHER_SET_EARLIER'
	| 'PAGE_REPEATED'
	| 'PROXY_NOT_USABLE'
	| 'REDIRECT'
	| 'TAKEN_OVER'
	| 'TIME_OVER'
	| 'TOO_FEW_CUSTOMERS'
	| 'TOO_FEW_DEVICES'
	| 'TOO_MANY_CHANGES'
	| 'UNCLEAR_ANSWER'
	| 'UNEXPECTED'
	| 'WEB_PAGE';
