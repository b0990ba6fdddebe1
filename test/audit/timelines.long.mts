import { testAuditTimelines } from './timelines.mts';

testAuditTimelines(500);
testAuditTimelines(5_000, true);
