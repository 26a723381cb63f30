/** What a model is: its file, its versions on disk and the distribution it was trained on. */
@NullMarked
package io.crewcast.scoring.model;

import org.jspecify.annotations.NullMarked;
