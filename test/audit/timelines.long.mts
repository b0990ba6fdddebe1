import { testAuditTimelines } from './timelines.mts';

testAuditTimelines(5_000);
testAuditTimelines(5_000, true);
