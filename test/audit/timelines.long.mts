import { testAuditTimelines } from './timelines.mts';

testAuditTimelines(5000);
