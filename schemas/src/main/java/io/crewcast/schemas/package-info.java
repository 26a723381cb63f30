/** What enters, moves through and leaves Crewcast. Generated records know nothing of nullness. */
package io.crewcast.schemas;
