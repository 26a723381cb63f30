package io.crewcast.scoring.monitor;

import io.crewcast.schemas.DeadLetter;
import io.crewcast.schemas.DeadLetterReason;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.stream.Arrival;
import io.crewcast.schemas.stream.Fate;
import io.crewcast.schemas.stream.Receipt;
import org.apache.flink.api.common.functions.MapFunction;
import org.jspecify.annotations.Nullable;

/** Keeps of a record of {@code work-events} what counts of it as one of many. */
public final class NoteReceipts implements MapFunction<Arrival, Receipt> {

  /** Of what could not be read that far. */
  static final String UNKNOWN_COMPANY = "";

  @Override
  public Receipt map(Arrival arrival) {
    WorkEvent event = arrival.getEvent();
    DeadLetter fault = arrival.getFault();
    Receipt receipt = new Receipt();
    receipt.setPartition(arrival.getRaw().getPartition());
    receipt.setOffset(arrival.getRaw().getOffset());
    receipt.setCompanyId(company(event, fault));
    receipt.setRecordedAt(event == null ? null : event.getRecordedAt());
    receipt.setFate(fate(event, fault));
    return receipt;
  }

  private static String company(@Nullable WorkEvent event, @Nullable DeadLetter fault) {
    if (event != null) {
      return event.getCompanyId();
    }
    return fault == null || fault.getCompanyId() == null ? UNKNOWN_COMPANY : fault.getCompanyId();
  }

  private static Fate fate(@Nullable WorkEvent event, @Nullable DeadLetter fault) {
    if (fault == null) {
      return Fate.TAKEN;
    } else if (event != null) {
      return Fate.REFUSED_AFTERWARDS;
    }
    return fault.getReason() == DeadLetterReason.LATE ? Fate.REFUSED_AS_LATE : Fate.REFUSED;
  }
}
